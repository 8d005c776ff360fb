"""Whether the installation works: signs of life of its processes, what is late, and how bad that is (R38)."""
