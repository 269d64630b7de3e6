"""What the API answers, and what it is asked with: the models behind the OpenAPI document."""
