from django.db import migrations, models


def add_kinds(apps, schema_editor):
    apps.get_model("shop", "Kind").objects.create(name="book")


class Migration(migrations.Migration):
    dependencies = (("shop", "0001_initial"),)
    operations = (
        migrations.CreateModel(
            name="Kind",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=40)),
            ],
        ),
        migrations.RunPython(add_kinds),
    )
