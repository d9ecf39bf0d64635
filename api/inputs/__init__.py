"""What both doors accept: one module per resource, one description for REST, GraphQL and the docs."""
