//! Walks a cluster through a plan: observes, compares, writes, waits, reports. It decides nothing about traffic.
