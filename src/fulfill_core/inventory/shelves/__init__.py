"""The units of one SKU that has rules, while they are being given out."""
