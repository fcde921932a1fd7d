"""Enterprises: who they are (GB 32100 credit code, GB/T 4754-2017 industry, 2017 size rule), and who is where."""
