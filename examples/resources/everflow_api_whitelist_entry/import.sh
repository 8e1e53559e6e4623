# By the address, in any spelling. The data source everflow_api_whitelist lists them.
terraform import everflow_api_whitelist_entry.ci 203.0.113.10
