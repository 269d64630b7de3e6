"""The routes of the api: each translates a question and an answer, and nothing more."""
