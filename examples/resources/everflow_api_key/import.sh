# By Everflow's ID of the key. The data source everflow_api_keys lists them.
terraform import everflow_api_key.account_manager 2
