"""How quiet is too quiet for a customer: by its own gaps alone, or by a churn model fitted to everybody's."""
