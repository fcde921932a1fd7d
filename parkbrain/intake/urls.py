"""Pages of intake."""

urlpatterns: list = []
