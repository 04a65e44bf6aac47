"""Orders take what others have reserved: who has what, what of it is of use, who lost what."""
