def pytest_configure(config):
    config.pluginmanager.import_plugin("tests.browsing")
