"""How fast kcdesk is and how much memory it takes, beside floors measured in the same run. See README.md."""
