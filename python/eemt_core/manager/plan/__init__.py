"""What a run has to do: its maps, tiles and inputs, before anything is computed."""
