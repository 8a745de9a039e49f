//! Services.

use crate::value::Value;

/// The numbers of a Service's ports.
pub fn service_ports(service: &Value) -> Vec<i64> {
    let ports = service.at(&["spec", "ports"]).map(Value::items).unwrap_or_default();
    ports.iter().filter_map(|port| port.at(&["port"])?.as_int()).collect()
}
