# By the address, in any spelling. The data source everflow_api_whitelist lists them.
terraform import everflow_api_whitelist_entry.office 198.51.100.0/24
