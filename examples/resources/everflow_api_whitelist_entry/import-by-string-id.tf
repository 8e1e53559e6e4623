import {
  to = everflow_api_whitelist_entry.ci
  id = "203.0.113.10" # the data source everflow_api_whitelist lists the addresses
}

resource "everflow_api_whitelist_entry" "ci" {
  ip_address = "203.0.113.10"
}
