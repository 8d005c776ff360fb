"""What a person can put right: named errors whose message is a French sentence for that person (R28)."""


class Refusal(Exception):
    """Nothing was done; the message says what is wrong and what to do, and gives nothing away.

    The command line shows it and ends with status 1, without knowing what was refused by whom.
    """
