"""What lists show: Qt models fed with plain rows."""
