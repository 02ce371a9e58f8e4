from __future__ import annotations

from tests.realworld.plugins.case import Case

CASE = Case(
    name="pytest-flask",
    load=("flask",),
    requires=["flask"],
    uses="the client, the configuration, a live server that the session shares",
    files={
        "conftest.py": """
            import flask
            import pytest

            @pytest.fixture(scope="session")
            def app():
                app = flask.Flask("shop")
                app.config["COLOUR"] = "green"

                @app.route("/")
                def index():
                    return {"hello": "world"}

                return app
        """,
        "test_one.py": """
            import pytest

            def test_client(client):
                assert client.get("/").json == {"hello": "world"}

            def test_config(config):
                assert config["COLOUR"] == "green"

            def test_missing(client):
                assert client.get("/x").status_code == 200

            @pytest.mark.options(debug=True)
            def test_options(app):
                assert app.debug

            @pytest.mark.skip(reason="no")
            def test_skipped(): ...
        """,
        "test_two.py": """
            import urllib.request

            def test_live(live_server):
                assert b"world" in urllib.request.urlopen(live_server.url()).read()

            def test_passes(): ...
        """,
    },
    volatile=[r"localhost:\\d+"],
)
