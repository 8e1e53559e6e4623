# By the network's ID, from the data source everflow_network.
terraform import everflow_api_whitelist.this 1001
