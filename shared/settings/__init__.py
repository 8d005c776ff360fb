"""The settings of one subject each; `shared.config` puts them together."""
