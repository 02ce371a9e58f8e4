from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-django",
    load=("django",),
    requires=["django"],
    uses="databases and what is rolled back in them, clients, settings, mail, query counts, a live server",
    runs=[["--ds=site_settings"], ["--ds=site_settings", "--reuse-db"]],
    files={
        "pytest.ini": """
            [pytest]
            pythonpath = .
        """,
        "site_settings.py": """
            SECRET_KEY = "x"
            DEBUG = False
            ALLOWED_HOSTS = ["*"]
            INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "shop"]
            DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.sqlite3",
                                     "TEST": {"NAME": "test-shop.sqlite3"}}}
            ROOT_URLCONF = "shop.urls"
            DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
            USE_TZ = True
        """,
        "shop/__init__.py": "",
        "shop/models.py": """
            from django.db import models

            class Product(models.Model):
                name = models.CharField(max_length=20, unique=True)
        """,
        "shop/urls.py": """
            from django.http import HttpResponse
            from django.urls import path

            from shop.models import Product

            urlpatterns = [path("count/", lambda request: HttpResponse(str(Product.objects.count())))]
        """,
        "test_models.py": """
            import pytest
            from django.core import mail
            from django.db import connection
            from django.test import TestCase

            from shop.models import Product

            @pytest.mark.django_db
            @pytest.mark.parametrize("number", range(6))
            def test_rolled_back(number):
                assert Product.objects.count() == 0
                Product.objects.create(name="one")

            def test_no_database():
                Product.objects.count()

            @pytest.mark.django_db
            def test_queries(django_assert_num_queries):
                with django_assert_num_queries(2):
                    Product.objects.count()

            @pytest.mark.django_db(transaction=True)
            def test_committed():
                Product.objects.create(name="two")
                assert "test" in connection.settings_dict["NAME"]

            class TestOld(TestCase):
                @classmethod
                def setUpTestData(cls):
                    cls.product = Product.objects.create(name="three")

                def test_there(self):
                    self.assertEqual(Product.objects.get(), self.product)

                def test_mail(self):
                    mail.send_mail("subject", "body", "a@example.org", ["b@example.org"])
                    self.assertEqual(len(mail.outbox), 1)
        """,
        "test_pages.py": """
            import urllib.request
            import pytest

            @pytest.mark.django_db
            def test_client(client):
                assert client.get("/count/").content == b"0"

            def test_settings(settings):
                settings.DEBUG = True
                assert settings.DEBUG

            def test_settings_are_back(settings):
                assert not settings.DEBUG

            def test_live(live_server):
                assert urllib.request.urlopen(live_server.url + "/count/").read() == b"0"

            def test_admin(admin_user):
                assert admin_user.is_superuser

            @pytest.mark.skip(reason="no shop")
            def test_skipped(): ...
        """,
    },
    ignored=["*.sqlite3*"],
    volatile=[r"localhost:\d+"],
)
