"""Fitting churn models to what the scorer keeps of its customers. Needs numpy and scipy, which no hot path imports."""
