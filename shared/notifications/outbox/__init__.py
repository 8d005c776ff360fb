"""From a row to be delivered to the word of who took it: claims, leases, rates, settlements (R18)."""
