"""The records of export files: blocks, fields, persons, links."""
