"""Full-size simulations and chaos: `make study` runs them and writes docs/studies."""
