"""Life cycle: stages with gates and duties, each with a responsible body; low-efficiency space; exit of a firm."""
