"""A client of the service, for notebooks and scripts; it needs nothing but Python.

```python
from quantloom.client import Client

service = Client("http://127.0.0.1:8000")
service.login("ada", "correct horse battery staple")
for one in service.each("/market/instruments", q="螺纹"):
    print(one["symbol"], one["name"]["en"])
```

Each operation of the service is a method by its name, with types: `service.get_instrument(...)`.
"""

from quantloom.client.service import BadAddress, Client, RequestRefused, ServiceUnavailable

__all__ = ["BadAddress", "Client", "RequestRefused", "ServiceUnavailable"]
