import {
  to = everflow_api_whitelist.this
  id = "1001" # the network's ID, from the data source everflow_network
}

resource "everflow_api_whitelist" "this" {
  ip_addresses = ["203.0.113.10", "198.51.100.0/24"]
}
