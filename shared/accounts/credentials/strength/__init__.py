"""How many guesses a password takes from somebody who knows what French families choose (R6)."""
