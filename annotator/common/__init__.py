"""What every app needs and no app owns: fields, errors, middleware, pagination."""
