"""What makes letters and coupons, read once by the process that those which lay out are forked from.

It stays as long as that process: its garbage collector goes through none of it, nor do those of its forks.
"""

from importlib import import_module

from shared.loading.lasting import lasting

with lasting():
    for _name in (
        "shared.notifications.letters.renderer",
        "shared.notifications.letters.typesetting.layout",
        "shared.notifications.coupons.drawing",
    ):
        import_module(_name)
