from django.http import HttpResponse
from django.urls import path

from shop.models import Order


def count(request):
    return HttpResponse(str(Order.objects.count()))


urlpatterns = [path("count", count)]
