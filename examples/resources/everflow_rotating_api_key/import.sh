# By Everflow's ID of the current key, its rotate_after and its overlap.
terraform import everflow_rotating_api_key.account_manager 2,2160h,24h

# By the ID alone: with a schedule under which the key is not due yet. The next apply
# sets the schedule of the configuration.
terraform import everflow_rotating_api_key.account_manager 2
