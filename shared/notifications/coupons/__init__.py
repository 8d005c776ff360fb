"""Coupons: what a letter says in few words, eight a page, cut out and given to the children in class."""
