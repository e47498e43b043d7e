from django.apps import AppConfig


class FacesConfig(AppConfig):
    name = "annotator.faces"
    label = "faces"
