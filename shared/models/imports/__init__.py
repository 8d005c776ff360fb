"""What imports found, and changed for whom."""
