"""One HTML file that shows a run, or two. Needs the extra ``report``: Bokeh draws all charts."""
