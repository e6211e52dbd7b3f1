"""What people type into forms, brought into one form and checked: names, telephones, addresses, web sites. Pure."""
