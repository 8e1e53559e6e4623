import {
  to = everflow_api_whitelist_entry.office
  identity = {
    id = "198.51.100.0/24" # from the data source everflow_api_whitelist
  }
}

resource "everflow_api_whitelist_entry" "office" {
  ip_address = "198.51.100.0/24"
}
