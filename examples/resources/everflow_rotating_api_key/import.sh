# By Everflow's ID of the current key, its rotate_after and its overlap.
terraform import everflow_rotating_api_key.account_manager 2,2160h,24h

# By the ID alone: the first apply then writes the schedule into the state.
terraform import everflow_rotating_api_key.account_manager 2
