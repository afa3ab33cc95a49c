"""Who acts for a company, as its own people see and change it; and everybody's own settings."""
