"""Small widgets that several panels share. They paint with the theme and know no model."""
