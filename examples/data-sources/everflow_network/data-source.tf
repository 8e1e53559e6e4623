data "everflow_network" "this" {}

output "network" {
  value = "${data.everflow_network.this.name} (${data.everflow_network.this.network_id})"
}
