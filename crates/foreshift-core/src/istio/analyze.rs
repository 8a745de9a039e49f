//! What `istioctl analyze` says.
