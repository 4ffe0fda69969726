"""The admin: people and groups. Signing in to it is signing in to the dashboard."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

admin.site.site_header = "Completions Dashboard"
admin.site.site_title = "Completions Dashboard"
admin.site.index_title = "People and groups"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
