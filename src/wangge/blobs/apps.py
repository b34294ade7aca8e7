from django.apps import AppConfig


class BlobsConfig(AppConfig):
    name = "wangge.blobs"
    label = "blobs"
