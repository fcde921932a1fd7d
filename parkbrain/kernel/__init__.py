"""What every module stands on: the tree of scopes, people, parks, documents, audited events, jobs and registries.

Owns the branch tree city → district → operator → park, and the rule that every query is limited to a person's branches.
"""
