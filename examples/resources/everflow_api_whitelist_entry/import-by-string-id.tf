import {
  to = everflow_api_whitelist_entry.office
  id = "198.51.100.0/24" # the data source everflow_api_whitelist lists the addresses
}

resource "everflow_api_whitelist_entry" "office" {
  ip_address = "198.51.100.0/24"
}
