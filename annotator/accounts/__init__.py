"""People and programs: users, API tokens, the audit trail of what they did."""
