# A leaked key. Only this command revokes it:
#
#   terraform apply -invoke=action.everflow_revoke_api_key.leaked
action "everflow_revoke_api_key" "leaked" {
  config {
    api_key_id = "2" # from the data source everflow_api_keys
  }
}
