# By the network's ID, which the data source everflow_network gives.
terraform import everflow_api_whitelist.this 1001
